/** Common names paired by chance, in the order in which they are written; they belong to nobody. */
interface People {
  readonly first: readonly string[];
  readonly second: readonly string[];
  readonly joint: ' ' | '';
}

const words = (text: string) => text.split(' ');

export const defaultPeople: People = {
  first: words(
    'Alice Omar Grace Daniel Priya Tom Helen Marcus Ngozi Ian Leila Peter Sofia James Aisha Robert Mei Oliver Hannah Samuel Fatima George Nadia Victor Ruth Kwame Elena Patrick Yusuf Claire Dmitri Joan Felix Amara Colin Ingrid Mateo Tara Wei Louise',
  ),
  second: words(
    "Marsh Okafor Bennett Carver Patel Lindqvist Moreau Hughes Tanaka Doyle Fischer Rossi Novak Silva Khan Adeyemi Walsh Petrov Larsen Gupta Murphy Santos Weber Chen Ibrahim Taylor Brandt O'Neill Kaya Horvat Reid Dubois Varga Jensen Mbeki Stone Ferrari Popescu Aalto Whitfield",
  ),
  joint: ' ',
};

export const peopleOf: Readonly<Record<string, People>> = {
  de: {
    first: words('Anna Lukas Jürgen Sabine Heike Tobias Monika Stefan Ute Jonas Birgit Matthias Katrin Uwe'),
    second: words('Müller Schäfer Vogel Krüger Braun Keller Hofmann Lange Seidel Böhm Winter Graf Ott Jäger'),
    joint: ' ',
  },
  fr: {
    first: words('Camille Hugo Élodie Luc Manon Thierry Sylvie Antoine Chloé Julien Margaux Rémi Nathalie'),
    second: words('Lefèvre Girard Moulin Fontaine Chevalier Roux Garnier Perrin Blanc Mercier Besson Caron'),
    joint: ' ',
  },
  es: {
    first: words('Lucía Javier Carmen Álvaro Marta Sergio Pilar Andrés Rocío Iván Nuria Gonzalo Beatriz'),
    second: words('Ortega Navarro Castillo Vidal Herrero Molina Prieto Serrano Cano Rubio Iglesias Peña'),
    joint: ' ',
  },
  it: {
    first: words('Giulia Marco Chiara Luca Francesca Paolo Elisa Davide Silvia Andrea Marta Stefano Ilaria'),
    second: words('Conti Greco Marini Gallo Barbieri Fontana Lombardi Moretti Sala Ferri Villa Neri Costa'),
    joint: ' ',
  },
  pt: {
    first: words('Inês João Beatriz Tiago Marta Rui Catarina Diogo Sara Nuno Leonor Miguel Teresa Vasco'),
    second: words('Almeida Carvalho Fonseca Ribeiro Pinto Cardoso Moura Teixeira Lopes Matos Nogueira Reis'),
    joint: ' ',
  },
  nl: {
    first: words('Sanne Daan Femke Bram Lotte Ruben Marieke Jeroen Anouk Thijs Ilse Wouter Esther Koen'),
    second: words('Bakker Visser Smit Mulder Dekker Vermeer Kuipers Willems Postma Hoekstra Prins Brouwer'),
    joint: ' ',
  },
  pl: {
    first: words('Agnieszka Piotr Katarzyna Tomasz Magdalena Krzysztof Joanna Paweł Ewa Marcin Zofia Jakub'),
    second: words('Wójcik Mazur Kaczmarek Zając Król Wieczorek Dudek Adamczyk Pawlak Sikora Baran Kubiak'),
    joint: ' ',
  },
  ru: {
    first: words('Анна Сергей Ольга Дмитрий Елена Павел Ирина Николай Марина Алексей'),
    second: words('Лебедь Коваль Мороз Бондарь Черных Седых Левченко Гринь Волк Сорока'),
    joint: ' ',
  },
  tr: {
    first: words('Ayşe Mehmet Elif Mustafa Zeynep Emre Fatma Kerem Derya Burak'),
    second: words('Yılmaz Demir Şahin Çelik Arslan Koç Aydın Özkan Polat Güneş'),
    joint: ' ',
  },
  zh: {
    second: words('伟 芳 娜 敏 静 磊 洋 婷 建国 晓明'),
    first: words('王 李 张 刘 陈 杨 赵 黄 周 吴'),
    joint: '',
  },
  ja: {
    second: words('太郎 花子 健一 美咲 翔太 由美 直樹 恵子 大輔 真理'),
    first: words('佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村 小林 加藤'),
    joint: '',
  },
  ar: {
    first: words('أحمد فاطمة خالد مريم يوسف ليلى عمر سارة حسن نور'),
    second: words('الحداد النجار الخطيب المصري العلي منصور صالح حمدان قاسم زيدان'),
    joint: ' ',
  },
  sv: {
    first: words('Karin Erik Maja Lars Elin Johan Sara Anders Linnea Björn'),
    second: words('Lund Berglund Sandberg Nyström Holm Åberg Ek Sjöberg Dahl Norén'),
    joint: ' ',
  },
  cs: {
    first: words('Jana Petr Tereza Jiří Lucie Tomáš Hana Martin Eva Ondřej'),
    second: words('Horák Dvořák Kučera Beneš Pokorný Marek Fiala Sedlák Zeman Kolář'),
    joint: ' ',
  },
  ro: {
    first: words('Ioana Andrei Elena Mihai Cristina Radu Ana Vlad Simona Bogdan'),
    second: words('Ionescu Stan Dumitru Marin Tudor Munteanu Lazăr Rusu Ene Matei'),
    joint: ' ',
  },
};

export const firms = {
  first: words(
    'Harbour Meridian Oakfield Norvik Castle Lumen Riverside Alder Brightline Summit Granite Delta Quarry Tidewater Aster Cobalt Fern Orchard Pinnacle Sable Vesper Willow Zephyr Kestrel',
  ),
  second: words(
    'Logistics Trading Motors Foods Timber Textiles Systems Dental Roofing Energy Media Foundry Bakery Imports Marine Optics Plumbing Travel Printing Robotics',
  ),
  form: ['Ltd', 'GmbH', 'S.A.', 'B.V.', 'Inc.', 'LLC', 'AG', 'SAS', 'Sp. z o.o.', 'S.r.l.', 'Lda', '& Sons'],
  house: [
    'Bank',
    'Savings Bank',
    'Mutual',
    'Insurance',
    'Credit Union',
    'Building Society',
    'Finance',
    'Capital',
  ],
  cities: words(
    'Leeds Hamburg Lyon Porto Gdańsk Turin Utrecht Seville Bristol Graz Ghent Malmö Brno Cluj Cork Basel Tampere Valencia Leipzig Lille',
  ),
  streets: [
    ...words('Lindenweg Quayside Hauptstraße Kerkstraat Bridgegate'),
    'Mill Lane',
    'Station Road',
    'rue des Lilas',
    'Calle Mayor',
    'via Garibaldi',
    'Rua Nova',
    'ul. Polna',
    'Church Street',
    'High Street',
  ],
  boxes: words('claims service office billing kyc hello support accounts desk reports team'),
  hosts: words('bank group insure finance pay office online mail'),
};
